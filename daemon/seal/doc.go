// Package seal makes what only this daemon can have made: the state's key, tokens for feeds, pages and answers, marks
// on letters, and sealed secrets. Comparisons take constant time. It stores nothing but the key.
package seal
