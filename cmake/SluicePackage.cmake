# The C++ library (include/sluice) as one archive, Sluice::sluice, and its CMake package. In this
# tree and from the package, a program links it by the same name.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(library_modules base stun ice dtls sctp srtp rtp codecs rtcp layers audio bwe ortc net media
  library)
list(TRANSFORM library_modules REPLACE "(.+)" "$<TARGET_OBJECTS:sluice_\\1>"
  OUTPUT_VARIABLE library_objects)

add_library(sluice_archive STATIC ${library_objects})
add_library(Sluice::sluice ALIAS sluice_archive)
set_target_properties(sluice_archive PROPERTIES
  OUTPUT_NAME sluice EXPORT_NAME sluice LINKER_LANGUAGE CXX)
target_compile_features(sluice_archive INTERFACE cxx_std_23)
target_include_directories(sluice_archive INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
# Public headers show JSON; everything else is the archive's own business.
target_link_libraries(sluice_archive PUBLIC Boost::json
  PRIVATE Threads::Threads spdlog::spdlog OpenSSL::SSL OpenSSL::Crypto)
set(SLUICE_USES_IPSEC_MB OFF)
if(TARGET Sluice::IPSec_MB)
  set(SLUICE_USES_IPSEC_MB ON)
  target_link_libraries(sluice_archive PRIVATE Sluice::IPSec_MB)
endif()
if(SLUICE_SANITIZE)
  string(REPLACE ";" "," sanitizers "${SLUICE_SANITIZE}")
  target_link_options(sluice_archive INTERFACE $<BUILD_INTERFACE:-fsanitize=${sanitizers}>)
endif()

if(SLUICE_INSTALL)
  set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/Sluice)
  install(TARGETS sluice_archive EXPORT SluiceTargets)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/sluice TYPE INCLUDE FILES_MATCHING PATTERN *.h)
  install(EXPORT SluiceTargets NAMESPACE Sluice:: DESTINATION ${package_folder})
  configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/SluiceConfig.cmake.in
    ${PROJECT_BINARY_DIR}/cmake/SluiceConfig.cmake INSTALL_DESTINATION ${package_folder})
  # Before 1.0 a minor version may change the interface.
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/cmake/SluiceConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/cmake/SluiceConfig.cmake
    ${PROJECT_BINARY_DIR}/cmake/SluiceConfigVersion.cmake DESTINATION ${package_folder})
endif()
