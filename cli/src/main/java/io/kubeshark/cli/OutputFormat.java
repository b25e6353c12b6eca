package io.kubeshark.cli;

/** Of verbs that speak to people unless a script asks. */
enum OutputFormat { TEXT, JSON }
