"""Runs commands at the same time and says what they took, themselves and their children: `python measured.py COMMANDS`.

COMMANDS is a JSON list of commands, each a list of words; what they print goes to stderr. Answers one JSON line:
seconds from the first start to the last end, and processor seconds. Ends with the first exit code that is not 0.
"""

import json
import resource
import subprocess
import sys
import time

start = time.perf_counter()
running = [subprocess.Popen(command, stdout=sys.stderr) for command in json.loads(sys.argv[1])]
codes = [process.wait() for process in running]
seconds = time.perf_counter() - start
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"seconds": seconds, "processorSeconds": usage.ru_utime + usage.ru_stime}))
sys.exit(next((code for code in codes if code), 0))
