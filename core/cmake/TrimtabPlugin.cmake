# tt_add_plugin(<id> <source>...) - a detector or a source as a loadable module.
# In the tree and out of it the same function, so that there is one set of
# rules: one exported symbol, nothing left undefined, nothing linked but libm.

function(tt_add_plugin id)
  set(map ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/trimtab-plugin.map)
  add_library(${id} MODULE ${ARGN})
  target_link_libraries(${id} PRIVATE trimtab::plugin_api m)
  if(TARGET tt_flags)
    target_link_libraries(${id} PRIVATE tt_flags)
  endif()
  set_target_properties(${id} PROPERTIES PREFIX "" SUFFIX .so
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden LINK_DEPENDS ${map})
  if(NOT CMAKE_C_STANDARD)
    set_target_properties(${id} PROPERTIES C_STANDARD 11 C_STANDARD_REQUIRED ON)
  endif()
  target_link_options(${id} PRIVATE -Wl,--version-script=${map})
  # Clang leaves the sanitizer's runtime to the executable: no -z defs then.
  if(NOT TT_SANITIZE AND NOT CMAKE_C_FLAGS MATCHES "-fsanitize")
    target_link_options(${id} PRIVATE -Wl,-z,defs)
  endif()
endfunction()
