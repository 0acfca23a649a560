"""The peers of B15's half for SMS: an SMSC, and Kannel's sendsms in front of the same one."""

import os
import socket
import subprocess
import urllib.parse
import urllib.request


class Smsc:
    def __init__(self, bench):
        script = os.path.join(bench.ROOT, "bench", "smsc.py")
        self.process = subprocess.Popen(
            ["taskset", "-c", bench.LOAD_CORE, "/usr/bin/python3", "-B", script],
            stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def count(self, name):
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as asked:
            asked.sendall(f"COUNT {name}\n".encode())
            return int(asked.makefile().readline())

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


class Kannel:
    """bearerbox and smsbox, out of the packages that `./dev setup test` extracts."""

    def __init__(self, bench, home, smsc_port):
        folder = os.path.join(bench.ROOT, "build", "kannel")
        if not os.access(os.path.join(folder, "usr", "sbin", "bearerbox"), os.X_OK):
            raise SystemExit("bench: Kannel is not here: ./dev setup test extracts it")
        admin, boxes, self.web = bench.free_port(), bench.free_port(), bench.free_port()
        configuration = os.path.join(home, "kannel.conf")
        with open(configuration, "w") as file:
            file.write(f"""
group = core
admin-port = {admin}
smsbox-port = {boxes}
admin-password = bar
box-allow-ip = "127.0.0.1"

group = smsc
smsc = smpp
smsc-id = peer
host = 127.0.0.1
port = {smsc_port}
transceiver-mode = true
smsc-username = kannel
smsc-password = pass
system-type = ""
max-pending-submits = 100

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {boxes}
sendsms-port = {self.web}
sendsms-interface = 127.0.0.1
global-sender = 123

group = sendsms-user
username = u
password = p
""")
        libraries = os.path.join(folder, "usr", "lib", "x86_64-linux-gnu")
        self.processes = []
        for program, port in (("bearerbox", boxes), ("smsbox", self.web)):
            self.processes.append(subprocess.Popen(
                [os.path.join(folder, "usr", "sbin", program), "-v", "4", configuration], cwd=home,
                env=dict(os.environ, LD_LIBRARY_PATH=libraries), stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            bench.wait_for(lambda port=port: bench.listening(port), program)

    def url(self, text):
        query = {"username": "u", "password": "p", "to": "+61400400400", "text": text}
        return f"http://127.0.0.1:{self.web}/cgi-bin/sendsms?" + urllib.parse.urlencode(query)

    def sends(self):
        try:
            with urllib.request.urlopen(self.url("hello"), timeout=5) as answer:
                return answer.status == 202
        except OSError:
            return False

    def pids(self):
        return [one.pid for one in self.processes]

    def stop(self):
        for one in reversed(self.processes):
            one.terminate()
            one.wait()
