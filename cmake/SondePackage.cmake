# The Debian package, made by CPack: `./run package`.
#
# `package_files` lays out what stands beside the program (scripts/package_files); it runs the
# program, under CMAKE_CROSSCOMPILING_EMULATOR where that is of another machine.
set(files ${PROJECT_BINARY_DIR}/package_files)
add_custom_target(
  package_files
  COMMAND ${PROJECT_SOURCE_DIR}/scripts/package_files ${files} ${PROJECT_VERSION}
          ${CMAKE_CROSSCOMPILING_EMULATOR} $<TARGET_FILE:sonde>
  DEPENDS sonde
  VERBATIM)

set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
install(TARGETS sonde RUNTIME DESTINATION usr/bin)
install(DIRECTORY ${files}/ DESTINATION . USE_SOURCE_PERMISSIONS)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME sonde)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_VENDOR "Sonde")
set(CPACK_PACKAGE_CONTACT "The Sonde authors <sonde@sonde.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "observability for MCP servers, without changing them")
set(CPACK_PACKAGE_DESCRIPTION
    "Sonde stands between MCP clients and servers, over stdio or HTTP, and writes
one structured log line for every call, with metrics and trace context. The
bytes that both sides see stay what they are.
.
`sonde install` makes Claude Code, Cursor and VS Code start their servers
through it; sonde-proxy.service observes servers over HTTP.")
set(CPACK_PACKAGING_INSTALL_PREFIX /)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL OFF)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${PROJECT_SOURCE_DIR}/deploy/debian/conffiles ${PROJECT_SOURCE_DIR}/deploy/debian/postinst
    ${PROJECT_SOURCE_DIR}/deploy/debian/prerm ${PROJECT_SOURCE_DIR}/deploy/debian/postrm)
if(CMAKE_CROSSCOMPILING)
  # dpkg-shlibdeps would look at this machine's libraries; the other build's are of the same release.
  set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE arm64)
  set(CPACK_DEBIAN_PACKAGE_DEPENDS "libc6 (>= 2.36)")
else()
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
endif()
include(CPack)
