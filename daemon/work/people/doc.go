// Package people keeps contacts and what was logged with them: touches, bounces, leads, merges, roles, the calls
// owed. Functions over a transaction.
package people
