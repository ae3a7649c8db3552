package dev.weir.tenants;

/** A user of the console who belongs to no tenant, and sees all of them. */
public record ConsoleUser(String name, Secret secret, ConsoleRole role) {}
