"""A backup comes back whole; a damaged one is refused before anything is touched."""

from __future__ import annotations

import pytest

from regulars.web.bridge.backup import BackupProblem, backup_check, backup_make, backup_restore


@pytest.fixture
def filled(home):
    """A home with a book of its own and a lake; the test database is not the home's."""
    import sqlite3

    from regulars import tables
    from regulars.web.bridge.lake import lake

    with sqlite3.connect(home.book_path) as book:
        book.execute("create table t (x)")
        book.execute("insert into t values (7)")
    book.close()
    rows = tables.SPEND.fill(
        {"id": ["a"], "source": "s", "revision": 0, "recorded_at": 0, "at": [0], "day": [0], "days": 7, "amount": [5],
         "currency": "CNY", "channel": ["tv"]}
    )  # fmt: skip
    lake().append("spend", rows, "s", 1)
    return home


@pytest.mark.django_db
def test_what_goes_in_comes_out(filled):
    import sqlite3

    from regulars.lake import Lake

    path = backup_make(filled)
    (filled.path / "regulars.toml").write_text('company = "changed"\n', "utf-8")
    kept = backup_restore(filled, path)
    assert kept is not None
    assert kept.is_dir()
    assert filled.settings.company == "测试公司"
    assert sqlite3.connect(filled.book_path).execute("select x from t").fetchone() == (7,)
    assert Lake(filled.lake_path).table("spend").to_pyarrow()["amount"].to_pylist() == [5]
    assert (filled.backups_path / path.name).is_file()


@pytest.mark.django_db
@pytest.mark.parametrize("place", [0.3, 0.6, 0.95])
def test_one_wrong_byte_is_found(filled, place):
    path = backup_make(filled)
    content = bytearray(path.read_bytes())
    content[int(len(content) * place)] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(BackupProblem):
        backup_check(path)
    before = sorted(p.name for p in filled.path.iterdir())
    with pytest.raises(BackupProblem):
        backup_restore(filled, path)
    assert sorted(p.name for p in filled.path.iterdir()) == before


def test_another_archive_is_no_backup(tmp_path):
    import tarfile

    path = tmp_path / "x.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(__file__, "x.py")
    with pytest.raises(BackupProblem, match="not a backup"):
        backup_check(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BackupProblem, match=r"nothing\.tar\.gz"):
        backup_check(tmp_path / "nothing.tar.gz")
