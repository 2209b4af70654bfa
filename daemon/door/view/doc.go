// Package view is the desk as listings show it, with the names that scripts rely on (DESIGN.md, the command line).
package view
