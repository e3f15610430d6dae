# Builds for arm64 Linux on another machine, against the packages in out/sysroot/arm64
# (scripts/sysroot arm64).  What is built runs here under qemu-user, where that is installed.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_SYSROOT ${CMAKE_CURRENT_LIST_DIR}/../out/sysroot/arm64)
set(CMAKE_CXX_COMPILER clang++-19)
set(CMAKE_CXX_COMPILER_TARGET aarch64-linux-gnu)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

find_program(SONDE_QEMU qemu-aarch64-static)
if(SONDE_QEMU)
  set(CMAKE_CROSSCOMPILING_EMULATOR ${SONDE_QEMU} -L ${CMAKE_SYSROOT})
endif()
set(CMAKE_STRIP llvm-strip-19)
