# How this tree is cut into static libraries: one per folder of src/ that is listed in src/CMakeLists.txt.
# The order of the layers is checked by tools/check_layers.py from the include lines.

add_library(sluice_options INTERFACE)
target_include_directories(sluice_options INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_options(sluice_options INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wconversion -Wno-sign-conversion -Werror=return-type
  -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports these inside its own standard library and Boost headers at -O2.
  target_compile_options(sluice_options INTERFACE -Wno-maybe-uninitialized -Wno-stringop-overflow
    -Wno-array-bounds -Wno-restrict -Wno-dangling-pointer)
else()
  # Clang has this warning of designated initialisers apart, in -Wextra; GCC does not have it.
  target_compile_options(sluice_options INTERFACE -Wno-missing-designated-field-initializers)
endif()
if(SLUICE_SANITIZE)
  string(REPLACE ";" "," sanitizers "${SLUICE_SANITIZE}")
  target_compile_options(sluice_options INTERFACE -fsanitize=${sanitizers}
    -fno-sanitize-recover=all)
  target_link_options(sluice_options INTERFACE -fsanitize=${sanitizers})
endif()
if(SLUICE_FUZZ)
  target_compile_options(sluice_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# sluice_compile_together(<target> <sources...>)
# With SLUICE_UNITY, compiles sources that fit together as one, which takes half the time.
function(sluice_compile_together target)
  if(NOT SLUICE_UNITY)
    return()
  endif()
  list(FILTER ARGN INCLUDE REGEX "\\.cc$")
  execute_process(COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tools/source_groups.py ${ARGN}
    OUTPUT_VARIABLE groups OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE ";" " " groups "${groups}")
  string(REPLACE "\n" ";" groups "${groups}")
  set(number 0)
  foreach(group ${groups})
    separate_arguments(group)
    math(EXPR number "${number} + 1")
    set_source_files_properties(${group} PROPERTIES UNITY_GROUP ${number})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
endfunction()

# sluice_module(<name> <folder under src> [DEPS libraries...])
# Makes the static library sluice_<name> of every .cc file directly in the folder.
function(sluice_module name folder)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${folder}/*.cc)
  if(NOT sources)
    add_library(sluice_${name} INTERFACE)
    target_link_libraries(sluice_${name} INTERFACE sluice_options ${ARG_DEPS})
  else()
    add_library(sluice_${name} STATIC ${sources})
    target_link_libraries(sluice_${name} PUBLIC sluice_options ${ARG_DEPS})
    sluice_compile_together(sluice_${name} ${sources})
  endif()
endfunction()

# sluice_test(<name> <folder under tests> [DEPS libraries...])
# Makes the GoogleTest program test_<name> of every *_test.cc file in the folder.
function(sluice_test name folder)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${folder}/*.cc
                                      ${PROJECT_SOURCE_DIR}/tests/${folder}/*.h)
  if(sources)
    add_executable(test_${name} ${sources})
    sluice_compile_together(test_${name} ${sources})
    target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    # Designated initialisers that name only what a test is about are the point.
    target_compile_options(test_${name} PRIVATE -Wno-missing-field-initializers)
    target_link_libraries(test_${name} PRIVATE ${ARG_DEPS} GTest::gtest GTest::gmock
      GTest::gtest_main)
    gtest_discover_tests(test_${name} DISCOVERY_MODE PRE_TEST TEST_PREFIX "${name}/"
      PROPERTIES TIMEOUT 120)
  endif()
endfunction()

# sluice_fuzzer(<file under tests/fuzz without _fuzzer.cc> [DEPS libraries...])
function(sluice_fuzzer name)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  add_executable(fuzz_${name} ${PROJECT_SOURCE_DIR}/tests/fuzz/${name}_fuzzer.cc)
  target_link_libraries(fuzz_${name} PRIVATE ${ARG_DEPS})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
endfunction()
