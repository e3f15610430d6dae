# sonde_module(NAME <dir> [TARGET <name>] SOURCES <a.cc>... DEPS <lib>... TEST_DEPS <lib>...)
#
# A library from explicitly listed sources.  What lies beside a source and says
# so in its name is found by that name:
#   a_test.cc   joins <dir>_test, run by ctest
#   a_bench.cc  joins <dir>_bench, built with SONDE_BENCH=ON
#   a_fuzz.cc   becomes the fuzzer a_fuzz, built with SONDE_FUZZ=ON
# TEST_DEPS are linked to those companions only (an oracle, for example).
# TARGET is the library's name where CMake has taken the folder's for itself.
function(sonde_module)
  cmake_parse_arguments(ARG "" "NAME;TARGET" "SOURCES;DEPS;TEST_DEPS" ${ARGN})
  if(NOT ARG_TARGET)
    set(ARG_TARGET ${ARG_NAME})
  endif()

  if(ARG_SOURCES)
    add_library(${ARG_TARGET} STATIC ${ARG_SOURCES})
    set(scope PUBLIC)
    target_link_libraries(${ARG_TARGET} PRIVATE sonde_warnings)
  else()
    add_library(${ARG_TARGET} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${ARG_TARGET} ${scope} ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${ARG_TARGET} ${scope} ${ARG_DEPS})

  file(GLOB tests CONFIGURE_DEPENDS *_test.cc)
  if(tests AND SONDE_TESTS)
    add_executable(${ARG_NAME}_test ${tests})
    target_link_libraries(${ARG_NAME}_test PRIVATE
      ${ARG_TARGET} ${ARG_TEST_DEPS} sonde_warnings Catch2::Catch2WithMain)
    add_test(NAME ${ARG_NAME} COMMAND ${ARG_NAME}_test)
    set_tests_properties(${ARG_NAME} PROPERTIES TIMEOUT 120)
  endif()

  file(GLOB benches CONFIGURE_DEPENDS *_bench.cc)
  if(benches AND SONDE_BENCH)
    add_executable(${ARG_NAME}_bench ${benches})
    target_link_libraries(${ARG_NAME}_bench PRIVATE
      ${ARG_TARGET} ${ARG_TEST_DEPS} sonde_warnings benchmark::benchmark_main)
  endif()

  file(GLOB fuzzers CONFIGURE_DEPENDS *_fuzz.cc)
  if(SONDE_FUZZ)
    foreach(source IN LISTS fuzzers)
      get_filename_component(target ${source} NAME_WE)
      add_executable(${target} ${source})
      target_link_libraries(${target} PRIVATE ${ARG_TARGET} ${ARG_TEST_DEPS} sonde_warnings)
      target_link_options(${target} PRIVATE -fsanitize=fuzzer)
      set_property(GLOBAL APPEND PROPERTY SONDE_FUZZERS ${target})
    endforeach()
  endif()
endfunction()
