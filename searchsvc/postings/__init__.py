"""Storage of a Whoosh index as arrays: one memory-mapped container file per segment.

``arrays`` is what evaluation reads of a segment; FORMAT.md describes the files.
"""
