package dev.weir.app.config;

/** Whether clients of transaction mode may keep server connections for state that can't be moved. */
enum Pinning {
    ALLOW,
    REFUSE
}
