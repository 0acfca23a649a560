#!/usr/bin/python3
"""An SMSC that only takes and counts: for B15, as fast as one Python process is. Prints its port.

A connection that begins with a line of text asks: "COUNT NAME" is answered with the number of
submissions that the system_id NAME has made.
"""

import asyncio
import collections
import struct

BINDS, SUBMIT, UNBIND, ENQUIRE = (1, 2, 9), 4, 6, 0x15
counts = collections.Counter()


class Session(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        self.bytes = b""
        self.name = ""

    def data_received(self, data):
        self.bytes += data
        if self.bytes[:1] != b"\0":
            if b"\n" in self.bytes:
                self.transport.write(b"%d\n" % counts[self.bytes.split()[1].decode()])
                self.transport.close()
            return
        out, at = [], 0
        while len(self.bytes) - at >= 16:
            length, command, _, sequence = struct.unpack_from(">4I", self.bytes, at)
            if len(self.bytes) - at < length:
                break
            body = b""
            if command in BINDS:
                self.name = self.bytes[at + 16:].split(b"\0", 1)[0].decode()
                body = b"smsc\0"
            elif command == SUBMIT:
                counts[self.name] += 1
                body = b"%d\0" % sum(counts.values())
            if command in (*BINDS, SUBMIT, UNBIND, ENQUIRE):
                out.append(struct.pack(">4I", 16 + len(body), 0x80000000 | command, 0, sequence))
                out.append(body)
            at += length
        self.bytes = self.bytes[at:]
        self.transport.write(b"".join(out))


async def main():
    server = await asyncio.get_running_loop().create_server(Session, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
