#!/usr/bin/env python3
"""Road messages in Python, without any package: the C library of v2x-msgs through ctypes.

    cargo build --release -p v2x-msgs --features capi --example v2x_msgs
    python3 examples/ctypes/decode.py 44d8815db93d34cfe14a9dcec2a2b5f664914e80a0
"""

import argparse
import ctypes
import json
import os
import sys
from pathlib import Path

WIRE = 1


class V2x:
    """The four functions of v2x_msgs.h."""

    def __init__(self, library):
        self._lib = ctypes.CDLL(str(library))
        self._lib.v2x_decode_json.restype = ctypes.c_void_p
        self._lib.v2x_decode_json.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_uint32]
        self._lib.v2x_encode_json.restype = ctypes.c_void_p
        self._lib.v2x_encode_json.argtypes = [
            ctypes.c_char_p, ctypes.c_char_p, ctypes.c_uint32, ctypes.POINTER(ctypes.c_size_t)]
        self._lib.v2x_free.restype = None
        self._lib.v2x_free.argtypes = [ctypes.c_void_p]
        self._lib.v2x_last_error.restype = ctypes.c_char_p
        self._lib.v2x_last_error.argtypes = []

    def decode(self, octets, profile="csae53-2020", wire=False):
        """The message in some bytes, as a dictionary."""
        given = self._lib.v2x_decode_json(octets, len(octets), profile.encode(), WIRE if wire else 0)
        try:
            return json.loads(ctypes.string_at(self._checked(given)))
        finally:
            self._lib.v2x_free(given)

    def encode(self, message, profile="csae53-2020", wire=False):
        """The bytes of a message that is a dictionary."""
        length = ctypes.c_size_t()
        text = json.dumps(message).encode()
        given = self._lib.v2x_encode_json(text, profile.encode(), WIRE if wire else 0, ctypes.byref(length))
        try:
            return ctypes.string_at(self._checked(given), length.value)
        finally:
            self._lib.v2x_free(given)

    def _checked(self, given):
        if not given:
            raise ValueError(self._lib.v2x_last_error().decode())
        return given


def library():
    """Where cargo puts the library, unless V2X_MSGS says."""
    root = Path(__file__).resolve().parents[2] / "target"
    return os.environ.get("V2X_MSGS", root / "release/examples/libv2x_msgs.so")


def main():
    parser = argparse.ArgumentParser(description="Shows a road message, and proves that it encodes to the same bytes.")
    parser.add_argument("hex", help="the message in hexadecimal digits")
    parser.add_argument("--profile", default="csae53-2020")
    parser.add_argument("--wire", action="store_true", help="the standard's own fields and raw numbers")
    args = parser.parse_args()
    v2x = V2x(library())
    try:
        octets = bytes.fromhex(args.hex)
        message = v2x.decode(octets, args.profile, args.wire)
        again = v2x.encode(message, args.profile, args.wire)
    except ValueError as error:
        sys.exit(f"error: {error}")
    print(json.dumps(message, indent=2))
    print("the same bytes" if again == octets else f"other bytes: {again.hex()}", file=sys.stderr)


if __name__ == "__main__":
    main()
