"""The tree that lint.py reads: which files there are, their text, and C++ without its literals."""

import os
import re
import subprocess
from pathlib import Path

CPP = (".h", ".cc")

# A C++ file's literals and comments, the longest first where one could start like another.
TOKENS = re.compile(
    r'(?P<raw>R"(?P<tag>[^()\\\s]{0,16})\((?:.|\n)*?\)(?P=tag)")'
    r'|(?P<text>"(?:\\.|[^"\\\n])*")'
    r"|(?P<char>(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+')"
    r"|(?P<comment>//[^\n]*|/\*(?:.|\n)*?\*/)")


def blank(text, kinds):
    """The text with tokens of these kinds blanked out; every line keeps its number."""
    def replacement(match):
        if match.lastgroup not in kinds and not (match["raw"] and "raw" in kinds):
            return match[0]
        return re.sub(r"[^\n]", " ", match[0])
    return TOKENS.sub(replacement, text)


class Tree:
    """The tree's own files: tracked or not yet tracked, but not what git ignores."""

    def __init__(self, root):
        self.root = Path(root)
        self.paths = sorted(path for path in self._list() if (self.root / path).is_file())
        self._texts = {}

    def _list(self):
        if (self.root / ".git").exists():
            listing = subprocess.run(
                ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                cwd=self.root, capture_output=True)
            if listing.returncode == 0:  # else git is away, or does not trust this folder's owner
                return {name for name in listing.stdout.decode().split("\0") if name}
        found = set()
        for folder, folders, names in os.walk(self.root):
            relative = Path(folder).relative_to(self.root)
            if folder == str(self.root):
                folders[:] = [name for name in folders if name not in (".git", "build", "var")]
            folders[:] = [name for name in folders if name != "__pycache__"]
            found.update((relative / name).as_posix() for name in names)
        return found

    def select(self, *prefixes, ends=()):
        return [path for path in self.paths
                if path.startswith(prefixes or ("",)) and (not ends or path.endswith(tuple(ends)))]

    def text(self, path):
        """The file's text; None if there is no such file or it is not text."""
        if path not in self._texts:
            try:
                content = (self.root / path).read_bytes().decode()
            except (OSError, UnicodeDecodeError):
                content = None
            self._texts[path] = content if content is None or "\0" not in content else None
        return self._texts[path]

    def lines(self, path):
        return list(enumerate((self.text(path) or "").splitlines(), 1))

    def code(self, path):
        """The lines of a C++ file without what stands in comments and literals."""
        bare = blank(self.text(path) or "", {"raw", "text", "char", "comment"})
        return list(enumerate(bare.splitlines(), 1))
