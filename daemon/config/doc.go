// Package config reads config.toml: every option with its default, meaning and check (one struct field each), all
// mistakes at once with their lines, the presets of providers, and the rules that follow from the options. It opens
// no store and calls nobody but for a secret by command.
package config
