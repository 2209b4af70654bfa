//go:build tools

// Package moxserver names the version of mox that the tests build and start. It is a module of its own, so that its libraries are
// none of the product's.
package moxserver

import _ "github.com/mjl-/mox"
