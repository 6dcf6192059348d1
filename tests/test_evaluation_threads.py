"""One searcher, many threads at once: every answer is the one that a single thread gets."""

from concurrent.futures import ThreadPoolExecutor

from codec_index import CodecIndex
from evaluation_checks import Archive

THREADS = QUERIES = 100


def test_a_hundred_threads_get_right_answers_to_a_hundred_queries_each():
    archive = Archive(11, (60, 40), CodecIndex)
    queries = [archive.generator.tree(3) for _ in range(QUERIES)]

    def answer(query):
        results = archive.searcher.search(query, limit=20)
        return results.top_n, len(results)

    expected = [answer(query) for query in queries]

    def answers(first):
        order = [(first + n) % QUERIES for n in range(QUERIES)]
        return all(answer(queries[n]) == expected[n] for n in order)

    with ThreadPoolExecutor(THREADS) as pool:
        assert all(pool.map(answers, range(THREADS)))
    archive.index.close()
