"""Fitting of the segmenter's weights on labelled pages; run by ``scripts/fit-segmenter``."""
