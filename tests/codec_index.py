"""The same archives as ``memory_arrays.MemoryIndex``, written and read by our codec."""

import tempfile
from contextlib import ExitStack
from pathlib import Path

from memory_arrays import BIGRAM_FIELDS, SCHEMA, bigram_length, bigram_positions, whoosh_values

from searchsvc.postings.index import create_index
from searchsvc.postings.runs import Tokens
from searchsvc.postings.writer import BatchWriter


class CodecIndex:
    """Segments of documents in a temporary folder, which lives as long as this object."""

    def __init__(self, segments, deleted):
        self._exits = ExitStack()
        self.folder = self._exits.enter_context(tempfile.TemporaryDirectory())
        self.segments = segments
        self.index = create_index(Path(self.folder), SCHEMA)
        for documents in segments:
            writer = BatchWriter(self.index)
            for document in documents:
                writer.add_document(**codec_values(document))
            writer.commit(merge=False)
        writer = BatchWriter(self.index)
        for number, own in enumerate(deleted):
            for document in own:
                writer.delete_by_term("id", segments[number][document]["id"])
        writer.commit(merge=False)

    def reader(self):
        """A new reader; its leaves carry their arrays by themselves."""
        return self.index.reader()

    def close(self):
        """Removes the folder."""
        self._exits.close()


def codec_values(document):
    """The document as the batch writer takes it: bigrams as tokens with the length for ranking."""
    values = whoosh_values(document)
    for name in BIGRAM_FIELDS:
        if name in document:
            pairs = bigram_positions(document[name])
            values[name] = Tokens(
                [pair for _, pair in pairs], [p for p, _ in pairs], bigram_length(document[name])
            )
    return values
