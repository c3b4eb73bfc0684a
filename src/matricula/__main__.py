"""``python -m matricula``."""

from matricula.cli.main import main

main()
