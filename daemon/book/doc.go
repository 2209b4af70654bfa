// Package book is one desk at work. A Runner owns a desk: its goroutine applies every decision, one transaction after
// the other, and everything else asks it to. Within a transaction a Planner moves callbacks, a Writer has letters
// written; all of it belongs to one Tx, over which whatever happens on a desk is a function. What happens is in the
// rooms above: here is only what all of them share. Nothing here talks to a network.
package book
