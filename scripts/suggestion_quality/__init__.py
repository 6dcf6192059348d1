"""Whether slips are mended and correct queries left alone; see scripts/evaluate-suggestions."""
