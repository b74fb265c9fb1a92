"""Group 4 of fax machines (ITU-T T.6), in which TIFF files keep black and white.

A row is told by where it differs from the row above it. There is no checksum, and usual decoders fill with
white what they cannot read: this one refuses whatever an encoder does not write.
"""

import numpy as np
import numpy.typing as npt

_WHITE = """
00110101 000111 0111 1000 1011 1100 1110 1111 10011 10100 00111 01000 001000 000011 110100 110101 101010
101011 0100111 0001100 0001000 0010111 0000011 0000100 0101000 0101011 0010011 0100100 0011000 00000010
00000011 00011010 00011011 00010010 00010011 00010100 00010101 00010110 00010111 00101000 00101001 00101010
00101011 00101100 00101101 00000100 00000101 00001010 00001011 01010010 01010011 01010100 01010101 00100100
00100101 01011000 01011001 01011010 01011011 01001010 01001011 00110010 00110011 00110100 11011 10010 010111
0110111 00110110 00110111 01100100 01100101 01101000 01100111 011001100 011001101 011010010 011010011
011010100 011010101 011010110 011010111 011011000 011011001 011011010 011011011 010011000 010011001 010011010
011000 010011011
"""
_BLACK = """
0000110111 010 11 10 011 0011 0010 00011 000101 000100 0000100 0000101 0000111 00000100 00000111 000011000
0000010111 0000011000 0000001000 00001100111 00001101000 00001101100 00000110111 00000101000 00000010111
00000011000 000011001010 000011001011 000011001100 000011001101 000001101000 000001101001 000001101010
000001101011 000011010010 000011010011 000011010100 000011010101 000011010110 000011010111 000001101100
000001101101 000011011010 000011011011 000001010100 000001010101 000001010110 000001010111 000001100100
000001100101 000001010010 000001010011 000000100100 000000110111 000000111000 000000100111 000000101000
000001011000 000001011001 000000101011 000000101100 000001011010 000001100110 000001100111 0000001111
000011001000 000011001001 000001011011 000000110011 000000110100 000000110101 0000001101100 0000001101101
0000001001010 0000001001011 0000001001100 0000001001101 0000001110010 0000001110011 0000001110100
0000001110101 0000001110110 0000001110111 0000001010010 0000001010011 0000001010100 0000001010101
0000001011010 0000001011011 0000001100100 0000001100101
"""
_LONG = """
00000001000 00000001100 00000001101 000000010010 000000010011 000000010100 000000010101 000000010110
000000010111 000000011100 000000011101 000000011110 000000011111
"""
_PASS, _RUNS = 10, 11
_SHIFTS = ("0000010", "000010", "010", "1", "011", "000011", "0000011")
_MODES = {"0001": _PASS, "001": _RUNS} | {code: by for by, code in enumerate(_SHIFTS, -3)}
"""How the next change of colour is told: as so many pixels right of the one above, or else."""
_BITS = 13
"""Of the longest code."""


def _table(codes: dict[str, int]) -> list[tuple[int, int] | None]:
    """Return what each of `_BITS` bits begins with, and the bits of that code; None for no code."""
    found: list[tuple[int, int] | None] = [None] * (1 << _BITS)
    for code, meaning in codes.items():
        first = int(code.ljust(_BITS, "0"), 2)
        for at in range(first, first + (1 << (_BITS - len(code)))):
            found[at] = (meaning, len(code))
    return found


def _runs(text: str) -> dict[str, int]:
    lengths = [*range(64), *range(64, 64 * 41, 64)]
    return dict(zip([*text.split(), *_LONG.split()], lengths, strict=True))


_MODE_TABLE = _table(_MODES)
_RUN_TABLES = _table(_runs(_WHITE)), _table(_runs(_BLACK))


def decode_group4(data: bytes, rows: int, columns: int) -> npt.NDArray[np.uint8]:
    """Return pixels, uint8 (rows, columns), 1 where they are black; ValueError if they cannot be read."""
    changes = np.zeros((rows, columns + 1), np.uint8)
    reader = _Reader(data)
    above: list[int] = []
    for y in range(rows):
        above = reader.row(above, columns)
        changes[y, above] = 1
    return np.bitwise_xor.accumulate(changes[:, :columns], axis=1)


class _Reader:
    """Reads the codes of one strip or tile."""

    def __init__(self, data: bytes) -> None:
        self.data = data + bytes(4)
        self.end = 8 * len(data)
        self.at = 0

    def row(self, above: list[int], columns: int) -> list[int]:
        """Return where the colour of a row changes, which begins in white; `above` are the changes above."""
        found: list[int] = []
        last = -1  # where the colour changed
        i, number = 0, len(above)  # the next change above to the other colour
        black = 0
        while last < columns:
            while i < number and above[i] <= last:
                i += 2
            mode = self.code(_MODE_TABLE)
            if mode == _PASS:
                if i + 1 >= number:
                    raise ValueError("it passes a change of the row above that there is not")
                last = above[i + 1]
                continue
            if mode == _RUNS:
                first = max(last, 0) + self.run(black)
                second = first + self.run(1 - black)
                fits = first > last and (second > first or first == columns)
                found += [x for x in (first, second) if x < columns]
                last = second
            else:
                first = (above[i] if i < number else columns) + mode
                fits = first > last
                found += [first] if first < columns else []
                last = first
                black = 1 - black
                i = i - 1 if i else 1
            if not fits or last > columns:
                raise ValueError("a row does not fit its width")
        return found

    def run(self, black: int) -> int:
        """Return the length of a run of one colour."""
        length = 0
        while True:
            part = self.code(_RUN_TABLES[black])
            length += part
            if part < 64:
                return length

    def code(self, table: list[tuple[int, int] | None]) -> int:
        """Return what the next code means."""
        byte, bit = divmod(self.at, 8)
        window = int.from_bytes(self.data[byte : byte + 3], "big") >> (24 - _BITS - bit)
        found = table[window & ((1 << _BITS) - 1)]
        self.at += _BITS if found is None else found[1]
        if self.at > self.end:
            raise ValueError("it ends too early")
        if found is None:
            raise ValueError("it has bits that are no code")
        return found[0]
