"""The comparison of searchsvc with other engines on the same tokens; see scripts/bench.

``corpus`` cuts articles into words once, ``documents`` hands them to every engine, ``sampling`` and
``queries`` make the queries, ``engines`` holds one module per engine, ``worker`` is the process that
each engine runs in, ``comparison`` asks all of them in turn, ``report`` prints.
"""
