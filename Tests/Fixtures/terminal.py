"""Runs a command at a terminal of its own and answers its question.

usage: terminal.py QUESTION ANSWER COMMAND [ARGUMENT ...]

Prints all that the command wrote and ends with its exit code. Standard library only.
"""

import os
import pty
import sys

question, answer, *command = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(command[0], command)

seen = b""
answered = False
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:  # Linux says EIO once the last user of the terminal is gone.
        break
    if not piece:
        break
    seen += piece
    if not answered and question.encode() in seen:
        answered = True
        os.write(terminal, answer.encode() + b"\n")
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(status) if answered else 99)
