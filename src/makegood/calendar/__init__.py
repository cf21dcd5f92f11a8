"""Rules of local time, worked out: rule, zone and holidays become spans, dates and deadlines.

`zone` is a place's clock (`clock` its table of changes, `names` what it may be called); `window` expands weekly
windows; `holiday` and `business` say when business is open; `period` cuts time into what is judged; `deadline` says
when it is late, and `wording` how that is said.
"""
