"""Text folding: what counts as the same text. See ``fold``."""

from searchsvc.text.fold import Folded, fold, fold_all, fold_text, fold_texts

__all__ = ["Folded", "fold", "fold_all", "fold_text", "fold_texts"]
