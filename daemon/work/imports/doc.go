// Package imports takes in lists of contacts and history. History is checked whole, laid aside, and taken in behind
// one marker: all or nothing, also over a kill.
package imports
