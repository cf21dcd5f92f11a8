"""Files of alerts, `NAME.alerts.yaml`: strict YAML that says who is told of what, how and when."""
