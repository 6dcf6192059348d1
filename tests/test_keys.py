"""API keys: kept as hashes, found by their whole text, read anew, made and revoked by the command."""

import json
import stat

import pytest
from test_cli import searchsvc

from searchsvc.errors import NotFoundError, OperatorError
from searchsvc.keys import FILE, SCOPES, Keys


@pytest.fixture
def keys(tmp_path):
    return Keys(tmp_path / "index")


def test_a_key_is_found_by_its_whole_text_alone(keys):
    key, token = keys.create("编辑部", "write")
    other, _ = keys.create("读者", "read")
    assert keys.find(token) == key
    prefix, key_id, secret = token.split("_", 2)
    assert key_id == key.id
    for wrong in (
        "", "_", "__", prefix, key_id, secret, token[:-1], token + "x", token.replace("ssk", "sk"),
        f"{prefix}_{other.id}_{secret}", f"{prefix}_{key_id}_", f"{prefix}_{key_id}_{key.sha256}", "桥_桥_桥",
        "\udcff_\udcff_\udcff",
    ):  # fmt: skip
        assert keys.find(wrong) is None


def test_the_file_holds_no_secret_and_is_its_owners_alone(keys, tmp_path):
    _, token = keys.create("x", "admin")
    path = tmp_path / "index" / FILE
    assert token.split("_", 2)[2] not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("held", SCOPES)
def test_a_scope_includes_those_before_it(keys, held):
    key, _ = keys.create("x", held)
    reached = [scope for scope in SCOPES if key.reaches(scope)]
    assert reached == list(SCOPES[: SCOPES.index(held) + 1])
    assert [scope for scope in SCOPES if keys.any_reaches(scope)] == reached


def test_what_another_process_changes_is_seen(keys, tmp_path):
    elsewhere = Keys(tmp_path / "index")
    assert elsewhere.all() == ()
    key, token = keys.create("x", "read")
    assert elsewhere.find(token) == key
    keys.revoke(key.id)
    assert elsewhere.find(token) is None
    with pytest.raises(NotFoundError):
        keys.revoke(key.id)


@pytest.mark.parametrize("content", ["", "{}", '{"keys": [{"id": 1}]}', "\xff"])
def test_a_file_that_cannot_be_read_is_an_error_and_no_open_door(keys, tmp_path, content):
    keys.create("x", "read")
    (tmp_path / "index" / FILE).write_text(content, encoding="latin-1")
    with pytest.raises(OperatorError, match=r"keys\.json"):
        keys.find("ssk_a_b")


def test_keys_are_made_listed_and_revoked_by_the_command(tmp_path):
    index = ("--index", tmp_path / "index")
    assert "no keys" in searchsvc("keys", "list", *index).stderr
    made = searchsvc("keys", "create", "--scope", "write", "--name", "导入 脚本", *index)
    token = made.stdout.strip()
    key = Keys(tmp_path / "index").find(token)
    assert (key.scope, key.name) == ("write", "导入 脚本")
    listed = searchsvc("keys", "list", *index).stdout
    assert key.id in listed
    assert "导入 脚本" in listed
    assert key.sha256 not in listed
    rows = json.loads(searchsvc("keys", "list", "--json", *index).stdout)
    assert [row["id"] for row in rows] == [key.id]
    assert searchsvc("keys", "revoke", key.id, *index).returncode == 0
    assert Keys(tmp_path / "index").all() == ()
    gone = searchsvc("keys", "revoke", key.id, *index)
    assert (gone.returncode, key.id in gone.stderr) == (1, True)


def test_the_command_helps_in_both_languages():
    assert "revoke" in searchsvc("keys", "--help").stdout
    assert "撤销" in searchsvc("keys", "--help", LANG="zh_CN.UTF-8").stdout
    assert "权限" in searchsvc("keys", "create", "--help", LANG="zh_CN.UTF-8").stdout
    assert searchsvc("keys").returncode == 2
