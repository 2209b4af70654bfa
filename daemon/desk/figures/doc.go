// Package figures counts: reports, order figures and a client's quarter, each figure with the evidence behind it.
// Pure: what it needs is given to it.
package figures
