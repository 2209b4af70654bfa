// Package morning writes the morning mail: what is due, waits, is late, was understood, and is wrong, with numbers
// that can be answered.
package morning
