// Package sales plans sales days: power sessions with their lists, and the tally of what came of them; the monthly
// review likewise.
package sales
