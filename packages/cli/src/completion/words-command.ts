/** What completion scripts call, followed by the words up to the cursor. No command of the table: nobody types it. */
export const wordsCommand = 'complete-words';
