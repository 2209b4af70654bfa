// Package book is one desk at work. A Runner owns a desk: its goroutine applies every decision, one transaction after
// the other, and everything else asks it to. Within a transaction a Planner moves callbacks, a Writer has letters
// written, an Applier does what a command says, and a Round looks at what the clock asks for. What they do is in the
// rooms above: here is only what all of them share. Nothing here talks to a network.
package book
