"""Queries from forms: read back by the parser, they ask for what the fields say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.query import Everything, parse_query
from searchsvc.query.composing import (
    FORM_FIELDS,
    KINDS,
    ROLE_FIELDS,
    SEARCHED_FIELDS,
    composed,
)
from searchsvc.schema import FIELD_BY_NAME


@pytest.mark.parametrize(
    ("form", "query"),
    [
        ({}, ""),
        ({"all": "古桥 修缮"}, "古桥 AND 修缮"),
        ({"any": "古桥 古树"}, "(古桥 OR 古树)"),
        ({"any": "古桥"}, "古桥"),
        ({"exact": "石桥渡 古桥"}, '"石桥渡 古桥"'),
        ({"exact": "他说“不”"}, '"他说 不"'),
        ({"near": "古桥 石碑", "distance": "5"}, '"古桥 石碑"~5'),
        ({"near": "古桥 石碑", "distance": "远"}, '"古桥 石碑"~20'),
        ({"all": "古桥", "none": "广告 启事"}, "古桥 AND NOT 广告 AND NOT 启事"),
        ({"all": "古桥", "in": "标题"}, "标题:古桥"),
        ({"all": "古桥 修缮", "in": "标题"}, "标题:(古桥 AND 修缮)"),
        ({"person": "杜若", "role": "记者"}, '记者:"杜若"'),
        ({"person": "杜若", "role": "不知"}, '人物:"杜若"'),
        ({"newspaper": "澜江日报", "page": "A01"}, '报纸:"澜江日报" AND 版次:"A01"'),
        ({"kind": "广告"}, '类型:"广告"'),
        ({"kind": "不知"}, ""),
        ({"all": "(古桥 OR -树)"}, "古桥 AND 树"),
    ],
)
def test_a_form_becomes_a_query(form, query):
    assert composed(form) == query


def test_forms_offer_what_queries_know():
    assert set(SEARCHED_FIELDS) | set(ROLE_FIELDS) <= set(FIELD_BY_NAME)


TEXT = st.text(st.sampled_from('古桥 修缮石碑()""“”：:-*?~^[]ANDORNOT\n\0a1'), max_size=20)
FORM = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(FORM_FIELDS, TEXT)
    | {
        "in": st.sampled_from(("", *SEARCHED_FIELDS)),
        "role": st.sampled_from(ROLE_FIELDS),
        "kind": st.sampled_from(("", *KINDS)),
    },
)


@given(form=FORM)
def test_whatever_is_filled_in_can_be_read(form):
    tree = parse_query(composed(form))
    assert (tree == Everything()) == (not composed(form))
