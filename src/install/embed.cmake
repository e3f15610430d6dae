# cmake -DIN=<file> -DOUT=<file.inc> -P embed.cmake: the bytes of a file as C++ numbers.
file(READ ${IN} hex HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
string(REPEAT "0x..," 16 line)
string(REGEX REPLACE "(${line})" "\\1\n" bytes "${bytes}")
file(WRITE ${OUT} "${bytes}\n")
