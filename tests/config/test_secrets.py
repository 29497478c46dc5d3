"""Where secrets are looked for, on a machine with systemd and on one without."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.secrets import Missing, filled, from_machine, left_alone
from tests.accounts import bound_by_rights


@pytest.fixture
def handed(tmp_path: Path) -> Path:
    """The folder that systemd makes for one start of a unit."""
    folder = tmp_path / "handed"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("name", ["jira", "daybook_jira"])
def test_a_credential_is_found_alone_and_as_systemd_names_one_of_a_whole_folder(tmp_path, handed, name):
    (handed / name).write_text("s3cret\n")
    resolve = from_machine(tmp_path, {"CREDENTIALS_DIRECTORY": str(handed)})
    assert resolve("credential", "jira") == "s3cret"


def test_what_systemd_hands_over_goes_before_what_lies_beside_the_configuration(tmp_path, handed):
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "jira").write_text("of the folder")
    (handed / "daybook_jira").write_text("handed over")
    assert (
        from_machine(tmp_path, {"CREDENTIALS_DIRECTORY": str(handed)})("credential", "jira") == "handed over"
    )
    assert from_machine(tmp_path, {})("credential", "jira") == "of the folder"


def test_P14_a_secret_added_since_the_start_is_missing_with_what_to_do(tmp_path, handed, monkeypatch):
    """The folder of /etc is root's alone, so the daemon cannot even look whether it is there."""

    def refused(_: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_file", refused)
    with pytest.raises(Missing) as raised:
        from_machine(tmp_path, {"CREDENTIALS_DIRECTORY": str(handed)})("credential", "jira")
    assert str(raised.value) == (
        f"names the credential jira, which is not there. Put it into {tmp_path}/credentials/jira. "
        "A service gets it at its next start: systemd hands secrets over then"
    )


def test_P14_a_folder_of_another_account_is_no_missing_secret(tmp_path, monkeypatch):
    folder = Path("credentials")
    monkeypatch.chdir(tmp_path)  # the folders above it are closed as well
    tmp_path.chmod(0o755)
    folder.mkdir()
    (folder / "jira").write_text("s3cret")
    folder.chmod(0)
    with bound_by_rights(), pytest.raises(Missing) as raised:
        from_machine(Path(), {})("credential", "jira")
    folder.chmod(0o700)
    assert str(raised.value) == (
        "names the credential jira, and credentials is closed to this account. Give commands as root, or as "
        "the account that Daybook runs as"
    )


def test_a_name_that_leads_out_of_the_folder_is_no_credential(tmp_path, handed):
    (tmp_path / "elsewhere").write_text("s3cret")
    with pytest.raises(Missing):
        from_machine(tmp_path, {"CREDENTIALS_DIRECTORY": str(handed)})("credential", "../elsewhere")


@pytest.mark.parametrize(
    "text", ["${credentail:jira}", "${jira}", "pre-${credential:jira", "${credential:a}${b}"]
)
def test_P14_a_misspelt_reference_is_no_secret(text):
    with pytest.raises(Missing, match=r"write it like \$\{credential:NAME\}"):
        filled(text, left_alone)
