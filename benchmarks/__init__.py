"""What `make bench` runs: every figure is a ratio, or stands beside its bar, within one run."""
