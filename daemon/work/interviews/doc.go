// Package interviews plans what an interview asks for: letters, prep and debrief calls, corrections. A no of the
// recruiter's stands through every change.
package interviews
