"""What libraries say of themselves does not reach the user; what this project says does."""

from __future__ import annotations

import pytest

from repro.cli.quiet import SETTINGS
from tests.cli.command import python

SAYS = (
    "import logging, sys, warnings\n"
    "from repro.cli.quiet import quiet\n"
    "quiet()\n"
    "warnings.warn('a warning', stacklevel=1)\n"
    "logging.getLogger('library').warning('a remark of a library')\n"
    "logging.getLogger('repro.store').warning('a remark of ours')\n"
)


def test_warnings_and_remarks_of_libraries_are_silent_and_ours_are_said_once() -> None:
    assert python("-c", SAYS).err == "a remark of ours\n"


def test_whoever_asks_python_for_warnings_has_them() -> None:
    assert "UserWarning: a warning" in python("-W", "default", "-c", SAYS).err


@pytest.mark.parametrize("debug", [True, False])
def test_debug_shows_all(debug: bool) -> None:
    code = (
        f"import os, sys\nsys.argv = ['repro', 'no-such-command', *({['--debug'] if debug else []})]\n"
        "from repro.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit:\n    print(os.environ.get('TRANSFORMERS_VERBOSITY'))\n"
    )
    assert python("-c", code).out.split() == ["None" if debug else SETTINGS["TRANSFORMERS_VERBOSITY"]]


def test_a_setting_of_the_users_own_stays() -> None:
    code = "import os\nfrom repro.cli.quiet import quiet\nquiet()\nprint(os.environ['TQDM_DISABLE'])\n"
    assert python("-c", code, TQDM_DISABLE="0").out == "0\n"
