// Package reports gathers what reports are made of, the board of lights, and the page of a client's quarter.
package reports
