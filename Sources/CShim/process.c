int apus_shim_placeholder;
