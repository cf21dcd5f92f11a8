"""Many orders judged at once: cut into tasks, worked on by a pool of any kind, and told in the order that was asked."""
