// Package words is the grammar of what recruiters write: commands, dates, references and facts, in several languages
// (the .txt files are the lexicons). It refuses what it does not wholly understand. ParseCommands is the way in;
// nothing here knows a store or a clock.
package words
